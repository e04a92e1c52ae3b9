// SPDX-License-Identifier: Apache-2.0
import Configuration
import GRDB
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle
import Yams
