// SPDX-License-Identifier: Apache-2.0
package org.flywaydb.core.internal.logging;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import org.flywaydb.core.api.logging.Log;
import org.flywaydb.core.api.logging.LogFactory;
import org.flywaydb.core.internal.logging.buffered.BufferedLog;

/**
 * Takes the place of Flyway's class of this name and behaves like it, but can be set back.
 *
 * <p>The logs of classes are made once in a process. Those that were made before the configuration
 * was known are buffers, and the first message of such a class also prints what was buffered.
 */
public class EvolvingLog implements Log {
    private static final List<WeakReference<EvolvingLog>> ALL = new ArrayList<>();

    private final Log first;
    private final Class<?> owner;
    private Log log;

    public EvolvingLog(Log log, Class<?> owner) {
        this.first = log;
        this.log = log;
        this.owner = owner;
        synchronized (ALL) {
            ALL.add(new WeakReference<>(this));
        }
    }

    /** Gives every log the state that it has in a new process. */
    public static void reset() {
        synchronized (ALL) {
            ALL.removeIf(reference -> reference.get() == null);
            for (WeakReference<EvolvingLog> reference : ALL) {
                EvolvingLog log = reference.get();
                if (log != null) {
                    log.log = log.first;
                }
            }
        }
    }

    public Log getLog() {
        return log;
    }

    private synchronized Log current() {
        Log now = ((EvolvingLog) LogFactory.getLog(owner)).getLog();
        if (log instanceof BufferedLog && !(now instanceof BufferedLog)) {
            ((BufferedLog) log).flush(now);
        }
        log = now;
        return now;
    }

    @Override
    public void debug(String message) {
        current().debug(message);
    }

    @Override
    public void info(String message) {
        current().info(message);
    }

    @Override
    public void warn(String message) {
        current().warn(message);
    }

    @Override
    public void error(String message) {
        current().error(message);
    }

    @Override
    public void error(String message, Exception cause) {
        current().error(message, cause);
    }

    @Override
    public void notice(String message) {
        current().notice(message);
    }
}
