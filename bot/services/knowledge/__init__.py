"""What helps: fixes and their record, learnt from what people say and from what jobs show."""
