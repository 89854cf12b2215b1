"""The second zoo: training of other people's kind, in PyTorch, healthy and faulty, recorded by the recorder itself."""
