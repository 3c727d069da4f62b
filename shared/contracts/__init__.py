"""Events between services: one module an owner, frozen models, fields only added with defaults."""
