"""mini-swe-agent on the same endpoint, in its own environment. Usage: python mini.py PORT FOLDER."""

import os
import sys

os.environ.update(MSWEA_SILENT_STARTUP="1", LITELLM_LOCAL_MODEL_COST_MAP="True", MSWEA_COST_TRACKING="ignore_errors")
from minisweagent.agents.default import DefaultAgent
from minisweagent.environments.local import LocalEnvironment
from minisweagent.models.litellm_model import LitellmModel

port, folder = sys.argv[1:3]
model = LitellmModel(
    model_name="openai/gpt-x",
    model_kwargs={"api_base": f"http://127.0.0.1:{port}/v1", "api_key": "x"},
    cost_tracking="ignore_errors",
)
agent = DefaultAgent(
    model, LocalEnvironment(cwd=folder), system_template="sys", instance_template="{{task}}", cost_limit=0, step_limit=0
)
agent.run("go")
