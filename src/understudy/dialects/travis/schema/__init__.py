"""What Travis knows of a `.travis.yml`, as data: keys, forms, aliases, defaults, and where each is supported."""
