"""qpmatch: match Autotask companies to CyberQP customers from a shell."""

__version__ = "0.1.0"
