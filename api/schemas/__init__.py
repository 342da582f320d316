"""What bodies and answers look like. Pydantic models, strict: nothing is coerced, nothing unknown is ignored."""
