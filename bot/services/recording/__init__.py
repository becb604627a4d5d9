"""Recording what clusters and files tell: attempts, failures, versions. It only writes; nobody is told."""
