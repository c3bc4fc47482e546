"""OpenAI's organization API, simulated."""
