// SPDX-License-Identifier: Apache-2.0
package org.flywaydb.commandline;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.flywaydb.core.internal.logging.EvolvingLog;

/**
 * Runs one Flyway command after the other in this process, each as if the process were new.
 *
 * <p>A request on standard input: the number of variables, each as name and value, the number of
 * arguments, and these. The answer on standard output: the exit status, what went to standard
 * output and what went to standard error. Numbers have four bytes, texts their length before them.
 *
 * <p>It lives in the package of Flyway's Main to see ThreadUtils.End.
 */
public final class Warm {
    /** The mutable static fields of Flyway: class and field. */
    private static final String[][] STATE = {
        {"org.flywaydb.commandline.Main", "LOG"},
        {"org.flywaydb.commandline.Main", "hasPrintedLicense"},
        {"org.flywaydb.core.api.logging.LogFactory", "logCreator"},
        {"org.flywaydb.core.api.logging.LogFactory", "fallbackLogCreator"},
        {"org.flywaydb.core.api.logging.LogFactory", "configuration"},
        {"org.flywaydb.core.api.logging.LogFactory", "logLevel"},
        {"org.flywaydb.core.api.logging.LogFactory", "jsonLogsEnabled"},
        {"org.flywaydb.core.internal.strategy.RetryStrategy", "numberOfRetries"},
        {"org.flywaydb.core.internal.strategy.RetryStrategy", "unlimitedRetries"},
        {"org.flywaydb.nc.utils.VerbUtils", "databaseInfoPrinted"},
    };

    /** Static objects with a content: lists, maps, and objects whose fields are such. */
    private static final String[][] CONTENTS = {
        {"org.flywaydb.commandline.Main", "PLUGIN_REGISTER"},
        {"org.flywaydb.core.internal.configuration.ConfigUtils", "PLUGIN_REGISTER"},
        {"org.flywaydb.core.internal.configuration.ConfigUtils", "DEPRECATED_PLUGINS_WARNED"},
        {"org.flywaydb.core.internal.database.DatabaseTypeRegister", "pluginRegister"},
        {"org.flywaydb.core.internal.logging.PreviewFeatureWarning", "LOGGED_FEATURES"},
        {"org.flywaydb.core.internal.logging.buffered.BufferedLogCreator", "bufferedLog"},
    };

    private final DataInputStream requests;
    private final DataOutputStream answers;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final PrintStream outStream = new PrintStream(out, true, StandardCharsets.UTF_8);
    private final PrintStream errStream = new PrintStream(err, true, StandardCharsets.UTF_8);
    private final Map<Field, Object> state = new LinkedHashMap<>();
    private final List<Object> contents = new ArrayList<>();
    private final Map<String, String> environment = environment();

    private Warm(InputStream requests, FileOutputStream answers) throws ReflectiveOperationException {
        this.requests = new DataInputStream(new BufferedInputStream(requests));
        this.answers = new DataOutputStream(new BufferedOutputStream(answers));
        redirect();
        for (String[] names : STATE) {
            Field field = field(Class.forName(names[0]), names[1]);
            state.put(field, field.get(null));
        }
        for (String[] names : CONTENTS) {
            contents.add(field(Class.forName(names[0]), names[1]).get(null));
        }
    }

    public static void main(String[] args) throws Exception {
        new Warm(new FileInputStream(FileDescriptor.in), new FileOutputStream(FileDescriptor.out))
            .serve();
    }

    private static Field field(Class<?> type, String name) throws ReflectiveOperationException {
        Field field = type.getDeclaredField(name);
        field.setAccessible(true);
        return field;
    }

    /** The map behind System.getenv(), which new processes get as well. */
    @SuppressWarnings("unchecked")
    private static Map<String, String> environment() {
        try {
            Map<String, String> view = System.getenv();
            return (Map<String, String>) field(view.getClass(), "m").get(view);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("needs --add-opens java.base/java.util=ALL-UNNAMED", e);
        }
    }

    private void redirect() {
        System.setOut(outStream);
        System.setErr(errStream);
        System.setIn(new ByteArrayInputStream(new byte[0]));
    }

    private void serve() throws Exception {
        for (;;) {
            Map<String, String> variables = new LinkedHashMap<>();
            String[] arguments;
            try {
                for (int n = requests.readInt(); n > 0; n--) {
                    variables.put(readText(), readText());
                }
                arguments = new String[requests.readInt()];
            } catch (EOFException e) {
                System.exit(0);
                return;
            }
            for (int i = 0; i < arguments.length; i++) {
                arguments[i] = readText();
            }
            environment.putAll(variables);
            answers.writeInt(run(arguments));
            environment.keySet().removeAll(variables.keySet());
            writeBytes(out);
            writeBytes(err);
            answers.flush();
        }
    }

    private int run(String[] arguments) throws ReflectiveOperationException {
        reset();
        try {
            Main.main(arguments);
            return 0;
        } catch (ThreadUtils.End end) {
            return end.status;
        } catch (Throwable e) {     // what Java prints about an uncaught exception
            errStream.print("Exception in thread \"main\" ");
            e.printStackTrace(errStream);
            return 1;
        } finally {
            outStream.flush();
            errStream.flush();
        }
    }

    private void reset() throws ReflectiveOperationException {
        out.reset();
        err.reset();
        redirect();
        EvolvingLog.reset();
        for (Map.Entry<Field, Object> entry : state.entrySet()) {
            entry.getKey().set(null, entry.getValue());
        }
        for (Object object : contents) {
            empty(object);
        }
    }

    private static void empty(Object object) throws ReflectiveOperationException {
        if (object instanceof Collection) {
            ((Collection<?>) object).clear();
        } else if (object instanceof Map) {
            ((Map<?, ?>) object).clear();
        } else if (object.getClass().getName().startsWith("org.flywaydb.")) {
            for (Field field : object.getClass().getDeclaredFields()) {
                field.setAccessible(true);
                if (field.getType() == boolean.class) {
                    field.setBoolean(object, false);
                } else if (Collection.class.isAssignableFrom(field.getType())
                    || Map.class.isAssignableFrom(field.getType())) {
                    empty(field.get(object));
                }
            }
        }
    }

    private String readText() throws IOException {
        byte[] bytes = new byte[requests.readInt()];
        requests.readFully(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private void writeBytes(ByteArrayOutputStream bytes) throws IOException {
        answers.writeInt(bytes.size());
        bytes.writeTo(answers);
    }
}
