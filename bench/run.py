"""Starts a PostgreSQL of its own, runs the benchmarks one after the other on it, and tells what they found."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import NAMES
