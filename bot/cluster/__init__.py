"""Kubernetes in and out."""
