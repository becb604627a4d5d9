"""The controllers of the simulated cluster: what a real control plane and its kubelets do by themselves."""
