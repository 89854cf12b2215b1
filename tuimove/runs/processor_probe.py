"""A process that compiles one addition for the processor that the environment chooses, and does nothing with it.

Run as `python -m tuimove.runs.processor_probe` by `chosen_processor.py`: LLVM may say something or end the process.
"""

from __future__ import annotations

import os

from llvmlite import binding

from tuimove.settings.environment import CPU_FEATURES, CPU_NAME

ADDITION = "define double @twice(double %x) {\n%y = fadd double %x, %x\nret double %y\n}"


def main() -> None:
    """Compile it."""
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    target = binding.Target.from_triple(binding.get_process_triple())
    name = os.environ.get(CPU_NAME, binding.get_host_cpu_name())
    features = os.environ.get(CPU_FEATURES, "" if name == "generic" else _own_features())
    target.create_target_machine(cpu=name, features=features, opt=3).emit_object(binding.parse_assembly(ADDITION))


def _own_features() -> str:
    try:
        return str(binding.get_host_cpu_features().flatten())
    except RuntimeError:
        return ""


if __name__ == "__main__":
    main()
