// Baseline for programs that end: Node starts, and does nothing.
