// SPDX-License-Identifier: Apache-2.0
import Agent
import ArgumentParser
