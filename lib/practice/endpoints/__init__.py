"""The API's endpoints: one module per noun, each function takes a Call and returns a Reply."""
