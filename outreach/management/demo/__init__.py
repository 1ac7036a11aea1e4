"""The demonstration: a county (or a province) whose people, visits and texts are invented.

`story` holds what happens; `cast`, `plans`, `visits`, `matters` and `together` write it in memory;
`county` plays it through the services. `province` fills a registry of any size in bulk, for
measuring. `registry` reads the lists, `texts` and `names` hold the words.
"""
