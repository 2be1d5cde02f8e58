"""The groups that `milepost --help` lists its commands in."""

START = "Start"
FOLLOW = "Follow"
STEER = "Steer"
JUDGE = "Judge"
FINISH = "Finish"
LOOK = "Look"
CARE = "Care"
