# qpmatch and PowerShell: numbers for a report, a work list, and a plan made from a filter.
# Try it: $env:QPMATCH_REGION = 'sandbox'; ./examples/pipeline.ps1
param([string]$Out = '.')
$ErrorActionPreference = 'Stop'

# A failing program does not stop a script by itself in Windows PowerShell.
function Assert-Success { if ($LASTEXITCODE -ne 0) { throw "qpmatch ended with exit code $LASTEXITCODE" } }

# How many companies of each type are matched, suggested and unmatched.
$companies = qpmatch list companies -o json | ConvertFrom-Json
Assert-Success
$companies | Group-Object type, status | Select-Object Name, Count |
    Export-Csv "$Out/numbers.csv" -NoTypeInformation

# What needs a person: the best candidate, its score and the reason, highest score first.
$suggestions = qpmatch suggest -o json | ConvertFrom-Json
Assert-Success
$suggestions | Where-Object { $_.decision -eq 'review' -and $_.customer } | Sort-Object score -Descending |
    Select-Object @{n = 'company'; e = { $_.company.name } }, @{n = 'customer'; e = { $_.customer.name } },
        score, reason |
    Export-Csv "$Out/review.csv" -NoTypeInformation

# Companies with no candidate at all, active and of type Customer: stage a new customer for each.
$lonely = $suggestions | Where-Object { -not $_.candidates } | ForEach-Object { $_.company.id }
foreach ($company in $companies) {
    if ($company.active -and $company.type -eq 'Customer' -and $company.id -in $lonely) {
        qpmatch create "id:$($company.id)" --plan "$Out/creates.yaml" --quiet
        Assert-Success
    }
}
qpmatch plan lint "$Out/creates.yaml"
Assert-Success
