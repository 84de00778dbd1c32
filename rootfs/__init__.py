"""Makes the image's root file system in the build stage of the Dockerfile (decision 0045).

Runs on the base image's Python with nothing but its standard library.
"""
