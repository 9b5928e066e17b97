// SPDX-License-Identifier: Apache-2.0
package org.flywaydb.commandline;

/** Takes the place of Flyway's class of this name, which ends the process. */
class ThreadUtils {
    /** The end of a command; an Error, because Flyway catches every Exception. */
    static final class End extends Error {
        final int status;

        End(int status) {
            super("exit status " + status, null, false, false);
            this.status = status;
        }
    }

    static void terminate(int status, AutoCloseable telemetry) {
        try {
            telemetry.close();
        } catch (Exception e) {
            // Flyway ignores it, too.
        }
        throw new End(status);
    }
}
