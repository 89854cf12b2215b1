"""`tuimove bench`: how fast this machine trains, beside other libraries."""
