"""The life of one installation as pure values: state, observation, and what follows."""
