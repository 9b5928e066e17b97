# SPDX-License-Identifier: Apache-2.0
"""The places where a secret can reach the program, as data.

In the texts, @S@ is the secret as it is, @U@ as a URL writes it, @T@ within quotes of TOML, @P@ in
a .conf file, @V@ in a variable that a .conf file names, where a backslash escapes as in Java
properties, @Q@ within quotes of SQL, @G@ in .pgpass.  @URL@, @HOST@, @DB@ and @USER@ say where the
database is.
"""
import collections

# works: with this place, one can log in.  sql: the user has put the secret into SQL, so that the
# server is meant to see it.
Place = collections.namedtuple("Place", "group name args env files stdin works sql")

OPEN = ("-url=@URL@", "-user=@USER@")
URL = ("-url=@URL@",)
LOGIN = OPEN + ("-password=@S@",)
CONF_OPEN = "flyway.url=@URL@\nflyway.user=@USER@\n"
CONF = CONF_OPEN + "flyway.password=@P@\n"
TOML_OPEN = '[environments.default]\nurl = "@URL@"\nuser = "@USER@"\n'
TOML = TOML_OPEN + 'password = "@T@"\n'
OTHER = '[environments.other]\nurl = "@URL@"\nuser = "@USER@"\npassword = "@T@"\n'
PLACES = []


def place(name, *args, env=(), files=(), stdin=None, works=False, sql=False):
    PLACES.append(Place(None, name, tuple(args), dict(env), dict(files), stdin, works, sql))


def arguments():
    place("-password=", *LOGIN, works=True)
    place("-password= with a blank after it", *OPEN, "-password=", "@S@")
    place("-password and a word", *OPEN, "-password", "@S@")
    place("--password=", *OPEN, "--password=@S@")
    place("--password and a word", *OPEN, "--password", "@S@")
    place("-Password=", *OPEN, "-Password=@S@")
    place("-PASSWORD=", *OPEN, "-PASSWORD=@S@")
    place("-pasword=", *OPEN, "-pasword=@S@")
    place("-passwd=", *OPEN, "-passwd=@S@")
    place("-pass=", *OPEN, "-pass=@S@")
    place("-pwd=", *OPEN, "-pwd=@S@")
    place("-passwrod=", *OPEN, "-passwrod=@S@")
    place("-p and a word", *OPEN, "-p", "@S@")
    place("password= without a dash", *OPEN, "password=@S@")
    place("-flyway.password=", *OPEN, "-flyway.password=@S@")
    place("-Dflyway.password=", *OPEN, "-Dflyway.password=@S@")
    place("-password twice", *LOGIN, "-password=@S@2")
    place("-password:", *OPEN, "-password:@S@")
    place("-environments.default.password=", "-environments.default.url=@URL@",
          "-environments.default.user=@USER@", "-environments.default.password=@S@", works=True)
    place("-environments.other.password=", "-environments.other.url=@URL@", "-environment=other",
          "-environments.other.user=@USER@", "-environments.other.password=@S@", works=True)
    place("-environments.default.pasword=", *OPEN, "-environments.default.pasword=@S@")
    place("-environments.password=", *OPEN, "-environments.password=@S@")
    place("-jdbcProperties.password=", *OPEN, "-jdbcProperties.password=@S@")
    place("-jdbcProperties.sslpassword=", *LOGIN, "-jdbcProperties.sslpassword=@S@")
    place("-jdbcProperties.pasword=", *LOGIN, "-jdbcProperties.pasword=@S@")
    place("-token=", *LOGIN, "-token=@S@", works=True)
    place("-licenseKey=", *LOGIN, "-licenseKey=@S@", works=True)
    place("-email=", *LOGIN, "-email=@S@", works=True)
    place("-vault.token=", *LOGIN, "-vault.token=@S@")
    place("-offlinePermitPath=", *LOGIN, "-offlinePermitPath=@S@", works=True)
    place("-placeholders.password=", *LOGIN, "-placeholders.password=@S@", works=True)
    place("-placeholders.dbPassword=", *LOGIN, "-placeholders.dbPassword=@S@", works=True)
    place("-placeholders.apiToken=", *LOGIN, "-placeholders.apiToken=@S@", works=True)
    place("-placeholders.client_secret=", *LOGIN, "-placeholders.client_secret=@S@", works=True)
    place("-placeholders.apiKey=", *LOGIN, "-placeholders.apiKey=@S@", works=True)
    place("-placeholders.service, a URL", *LOGIN,
          "-placeholders.service=https://me:@U@@service.invalid/", works=True)
    place("-initSql", *LOGIN, "-initSql=set my.password = '@Q@'", works=True, sql=True)
    place("-initSql of a role", *LOGIN, "-initSql=create role r password '@Q@'", sql=True)
    place("-initSql that fails", *LOGIN, sql=True,
          *("-initSql=alter role none encrypted password '@Q@' valid until 'x'",))
    place("-tenantsQuery", *LOGIN,
          "-tenantsQuery=select 'postgres://@USER@:@U@@@HOST@/@DB@'", works=True, sql=True)
    place("-tenantsQuery that fails", *LOGIN, sql=True,
          *("-tenantsQuery=select 'postgres://@USER@:@U@@@HOST@/@DB@', 1/0",))
    place("-tenantsQuery with a scheme of no use", *LOGIN,
          "-tenantsQuery=select 'mysql://@USER@:@U@@h/d'", sql=True)
    place("-tenantsQuery with a query in the URL", *LOGIN, sql=True, works=True,
          *("-tenantsQuery=select '@URL@?user=@USER@&password=@U@'",))
    place("-executor", *LOGIN, "-cflyway.executor.cql=true --password=@S@ -f")


def urls():
    query = "user=@USER@&password=@U@"
    place("password in the URL", "-url=@URL@?" + query, works=True)
    place("password first in the URL", "-url=@URL@?password=@U@&user=@USER@", works=True)
    place("password in the URL, user beside it", "-url=@URL@?password=@U@", "-user=@USER@",
          works=True)
    place("password last of many", "-url=@URL@?ssl=false&connectTimeout=5&" + query, works=True)
    place("password twice in the URL", "-url=@URL@?password=@U@&" + query)
    place("PASSWORD in the URL", "-url=@URL@?user=@USER@&PASSWORD=@U@")
    place("pasword in the URL", "-url=@URL@?user=@USER@&pasword=@U@")
    place("passwort in the URL", "-url=@URL@?user=@USER@&passwort=@U@")
    place("pwd in the URL", "-url=@URL@?user=@USER@&pwd=@U@")
    place("pass in the URL", "-url=@URL@?user=@USER@&pass=@U@")
    place("sslpassword in the URL", "-url=@URL@?%s&sslpassword=@U@" % query, works=True)
    place("sslPassword in the URL", "-url=@URL@?%s&sslPassword=@U@" % query)
    place("token in the URL", "-url=@URL@?%s&token=@U@" % query)
    place("password in the URL as it is", "-url=@URL@?user=@USER@&password=@S@")
    place("password as it is, first", "-url=@URL@?password=@S@&user=@USER@")
    place("bad escape after the password", "-url=@URL@?user=@USER@&password=@U@%zz")
    place("unknown parameter after it", "-url=@URL@?%s&noSuchThing=1" % query)
    place("bad value after it", "-url=@URL@?%s&sslmode=perhaps" % query)
    place("bad number after it", "-url=@URL@?%s&connectTimeout=soon" % query)
    place("semicolons instead", "-url=@URL@;user=@USER@;password=@U@")
    place("a ? twice", "-url=@URL@?user=@USER@?password=@U@")
    place("blanks around =", "-url=@URL@?user=@USER@&password = @U@")
    place("options with a password", *LOGIN[1:],
          "-url=@URL@?options=-c%20my.password%3D@U@", sql=True)
    place("password as the application's name", *LOGIN[1:], "-url=@URL@?password=@U@&"
          "ApplicationName=migrations", works=True)
    login = "@USER@:@U@@@HOST@"
    place("postgres://", "-url=postgres://%s/@DB@" % login, works=True)
    place("postgresql://", "-url=postgresql://%s/@DB@?connect_timeout=5" % login, works=True)
    place("postgresql+psycopg2://", "-url=postgresql+psycopg2://%s/@DB@" % login, works=True)
    place("POSTGRES://", "-url=POSTGRES://%s/@DB@" % login)
    place("postgres:// with a query", "-url=postgres://@HOST@/@DB@?" + query, works=True)
    place("postgres:// as it is", "-url=postgres://@USER@:@S@@@HOST@/@DB@")
    place("postgres:// without a database", "-url=postgres://" + login)
    place("postgres:// without a host", "-url=postgres://@USER@:@U@@/@DB@")
    place("postgres:// with a bad port", "-url=postgres://@USER@:@U@@h.invalid:x/@DB@")
    place("postgres:// with two hosts", "-url=postgres://@USER@:@U@@h.invalid,@HOST@/@DB@",
          works=True)
    place("postgres:// with an unknown parameter", "-url=postgres://%s/@DB@?sslMode=x" % login)
    place("postgres:// with a misspelt password", "-url=postgres://@HOST@/@DB@?pasword=@U@")
    place("postgres:// without a slash", "-url=postgres:" + login)
    place("postgres:/", "-url=postgres:/%s/@DB@" % login)
    place("http://", "-url=http://%s/@DB@" % login)
    place("login in a JDBC URL", "-url=jdbc:postgresql://%s/@DB@" % login)
    place("login in a JDBC URL as it is", "-url=jdbc:postgresql://@USER@:@S@@@HOST@/@DB@")
    place("login in a JDBC URL without slashes", "-url=jdbc:postgresql:%s/@DB@" % login)
    place("login alone in a JDBC URL", "-url=jdbc:postgresql://@USER@:@U@@")
    place("jdbc:postgres:", "-url=jdbc:postgres://@HOST@/@DB@?" + query)
    place("jdbc:postgresql without a colon", "-url=jdbc:postgresql//@HOST@/@DB@?" + query)
    place("JDBC:POSTGRESQL", "-url=JDBC:POSTGRESQL://@HOST@/@DB@?" + query)
    place("a blank in front", "-url= @URL@?" + query)
    place("quotes around the URL", "-url=\"@URL@?%s\"" % query)
    place("jdbc:mysql", "-url=jdbc:mysql://h.invalid/d?" + query)
    place("jdbc:mysql with a login", "-url=jdbc:mysql://%s/d" % login)
    place("jdbc:sqlserver", "-url=jdbc:sqlserver://h.invalid;user=sa;password=@U@;database=d")
    place("jdbc:oracle", "-url=jdbc:oracle:thin:@USER@/@U@@h.invalid:1521:d")
    place("jdbc:snowflake", "-url=jdbc:snowflake://h.invalid/?user=u&token=@U@")
    place("jdbc:sqlite with a password", "-url=jdbc:sqlite:x.db?password=@U@")
    place("jdbc:sqlite in no folder", "-url=jdbc:sqlite:no/such/x.db?password=@U@")
    place("jdbc:sqlite with a misspelt password", "-url=jdbc:sqlite:x.db?pasword=@U@")
    place("sqlite: with a login", "-url=sqlite://u:@U@@h/x.db")
    place("sqlite: with a key", "-url=sqlite:x.db?key=1&hexkey=2&password=@U@")
    place("-urll=", "-urll=@URL@?" + query, "-user=@USER@")
    place("the URL as a word", "@URL@?" + query)
    place("the URL after -url", "-url", "@URL@?" + query)
    place("a login as a word", "postgres://%s/@DB@" % login)
    place("a service that is a login", "-url=jdbc:postgresql://@HOST@/@DB@?service=u:@U@@h")
    place("-jdbcProperties with a URL", *LOGIN, "-jdbcProperties.service=postgres://u:@U@@h/d")


def variables():
    place("FLYWAY_PASSWORD", *OPEN, env={"FLYWAY_PASSWORD": "@S@"}, works=True)
    place("flyway_password", *OPEN, env={"flyway_password": "@S@"})
    place("FLYWAY_PASSWORD and an argument", *LOGIN, env={"FLYWAY_PASSWORD": "@S@2"}, works=True)
    place("FLYWAY_URL", env={"FLYWAY_URL": "@URL@?user=@USER@&password=@U@"}, works=True)
    place("FLYWAY_URL, postgres://", env={"FLYWAY_URL": "postgres://@USER@:@U@@@HOST@/@DB@"},
          works=True)
    place("FLYWAY_URL, not understood", env={"FLYWAY_URL": "postgres:@USER@:@U@@@HOST@/@DB@"})
    place("FLYWAY_PASWORD", *OPEN, env={"FLYWAY_PASWORD": "@S@"})
    place("FLYWAY_PASSWORD_", *OPEN, env={"FLYWAY_PASSWORD_": "@S@"})
    place("FLYWAY_ENVIRONMENTS_DEFAULT_PASSWORD", *OPEN,
          env={"FLYWAY_ENVIRONMENTS_DEFAULT_PASSWORD": "@S@"})
    place("FLYWAY_ENVIRONMENTS_OTHER_URL", "-environment=other",
          env={"FLYWAY_ENVIRONMENTS_OTHER_URL": "@URL@?user=@USER@&password=@U@"})
    place("FLYWAY_ENVIRONMENTS_OTHER_PASWORD", *LOGIN, "-environment=other",
          env={"FLYWAY_ENVIRONMENTS_OTHER_PASWORD": "@S@"})
    place("FLYWAY_JDBC_PROPERTIES_PASSWORD", *OPEN, env={"FLYWAY_JDBC_PROPERTIES_PASSWORD": "@S@"})
    place("FLYWAY_JDBC_PROPERTIES_password", *OPEN, env={"FLYWAY_JDBC_PROPERTIES_password": "@S@"})
    place("FLYWAY_PLACEHOLDERS_DBPASSWORD", *LOGIN, env={"FLYWAY_PLACEHOLDERS_DBPASSWORD": "@S@"},
          works=True)
    place("FLYWAY_TOKEN", *LOGIN, env={"FLYWAY_TOKEN": "@S@"}, works=True)
    place("FLYWAY_LICENSE_KEY", *LOGIN, env={"FLYWAY_LICENSE_KEY": "@S@"}, works=True)
    place("FLYWAY_VAULT_TOKEN", *LOGIN, env={"FLYWAY_VAULT_TOKEN": "@S@"})
    place("FLYWAY_INIT_SQL", *LOGIN, env={"FLYWAY_INIT_SQL": "set my.password = '@Q@'"}, works=True,
          sql=True)
    place("DATABASE_URL", env={"DATABASE_URL": "postgres://@USER@:@U@@@HOST@/@DB@"}, works=True)
    place("DATABASE_URL as it is", env={"DATABASE_URL": "postgres://@USER@:@S@@@HOST@/@DB@"})
    place("DATABASE_URL of JDBC", env={"DATABASE_URL": "@URL@?user=@USER@&password=@U@"},
          works=True)
    place("DATABASE_URL of another database", env={"DATABASE_URL": "mysql://u:@U@@h.invalid/d"})
    place("DATABASE_URL that is a login", env={"DATABASE_URL": "@USER@:@U@@@HOST@/@DB@"})
    host = {"DB_HOST": "@HOSTNAME@", "DB_PORT": "@PORT@", "DB_NAME": "@DB@", "DB_USER": "@USER@"}
    place("DB_PASSWORD", env=dict(host, DB_PASSWORD="@S@"), works=True)
    place("DB_PASSWORD without DB_NAME", env={"DB_HOST": "127.0.0.1", "DB_PASSWORD": "@S@"})
    place("DB_PASS", env=dict(host, DB_PASS="@S@"))
    place("DB_HOST with a login", env=dict(host, DB_HOST="@USER@:@U@@h.invalid"))
    place("PGPASSWORD", *OPEN, env={"PGPASSWORD": "@S@"})
    place("PGPASSFILE", *OPEN, env={"PGPASSFILE": "pgpass"},
          files={"pgpass": "*:*:*:*:@G@\n"}, works=True)
    place(".pgpass", *OPEN, files={"home/.pgpass": "*:*:*:*:@G@\n"}, works=True)
    place(".pgpass that others can read", *OPEN, files={"home/.pgpass#644": "*:*:*:*:@G@\n"})
    place("PGSERVICEFILE", "-url=jdbc:postgresql:///?service=s", env={"PGSERVICEFILE": "services"},
          files={"services": "[s]\nhost=127.0.0.1\nport=@PORT@\ndbname=@DB@\nuser=@USER@\n"
                             "password=@S@\n"})
    place("PGSERVICEFILE, misspelt", "-url=jdbc:postgresql:///?service=s",
          env={"PGSERVICEFILE": "services"},
          files={"services": "[s]\nhost=127.0.0.1\npasswrod=@S@\n"})
    place("PGSERVICEFILE, without =", "-url=jdbc:postgresql:///?service=s",
          env={"PGSERVICEFILE": "services"}, files={"services": "[s]\npassword @S@\n"})
    place("FLYWAY_CONFIG_FILES", env={"FLYWAY_CONFIG_FILES": "a.conf"}, files={"a.conf": CONF},
          works=True)


def conf_files():
    place("flyway.conf", files={"flyway.conf": CONF}, works=True)
    place("flyway.conf at home", files={"home/flyway.conf": CONF}, works=True)
    place("conf/flyway.conf", env={"CFLYWAY_HOME": "."}, files={"conf/flyway.conf": CONF},
          works=True)
    place("-configFiles", "-configFiles=a.conf", files={"a.conf": CONF}, works=True)
    place("-workingDirectory", "-workingDirectory=w", files={"w/flyway.conf": CONF})
    place("standard input", "-configFiles=-", stdin=CONF, works=True)
    place("standard input, misspelt", "-configFiles=-", stdin=CONF_OPEN + "flyway.pasword=@P@\n")
    place("a URL in a file", files={"flyway.conf": "flyway.url=@URL@?user=@USER@&password=@U@\n"},
          works=True)
    place("postgres:// in a file", works=True,
          files={"flyway.conf": "flyway.url=postgres://@USER@:@U@@@HOST@/@DB@\n"})
    place("a variable in a file", files={"flyway.conf": CONF_OPEN + "flyway.password=${PLANTED}\n"},
          env={"PLANTED": "@V@"}, works=True)
    place("a property in a file", works=True,
          files={"flyway.conf": CONF_OPEN + "flyway.jdbcProperties.password=@P@\n"})
    for key in ("pasword", "Password", "passwrd", "password2", "user.password", "db.password",
                "vault.secret", "credentials", "jdbcProperties.pasword"):
        place("flyway.%s in a file" % key,
              files={"flyway.conf": CONF_OPEN + "flyway.%s=@P@\n" % key})
    place("password alone in a file", files={"flyway.conf": CONF_OPEN + "password=@P@\n"})
    place("password with a colon", files={"flyway.conf": CONF_OPEN + "flyway.password: @P@\n"})
    place("password with a blank", files={"flyway.conf": CONF_OPEN + "flyway.password @P@\n"})
    place("password in two lines",
          files={"flyway.conf": CONF_OPEN + "flyway.password=\\\n    @P@\n"})
    place("bad value after it", files={"flyway.conf": CONF + "flyway.connectRetries=x\n"})
    place("unknown key after it", files={"flyway.conf": CONF + "flyway.noSuchThing=1\n"})
    place("file that is no text", files={"flyway.conf": CONF + "flyway.installedBy=\xff\udcff\n"})
    place("placeholders in a file", works=True,
          files={"flyway.conf": CONF + "flyway.placeholders.adminPassword=@P@\n"})
    place("the settings of a script", *LOGIN, files={"sql/V1__First.sql.conf": "password=@P@\n"})
    place("misspelt settings of a script", *LOGIN,
          files={"sql/V1__First.sql.conf": "executInTransaction=@P@\n"})
    place("a role in a script", *LOGIN, sql=True, files={
        "sql/V3__Role.sql": "create role a@USER@ login password '@Q@';\n"})
    place("a placeholder in a script", *LOGIN, "-placeholders.rolePassword=@Q@", sql=True, files={
        "sql/V3__Role.sql": "alter role none password '${rolePassword}';\n"})
    place("init of a file", "-init.from=old.conf", "-init.fileName=new.toml",
          files={"old.conf": CONF + "flyway.pasword=@P@\n"})


def toml_files():
    place("flyway.toml", files={"flyway.toml": TOML}, works=True)
    place("flyway.user.toml", files={"flyway.toml": TOML_OPEN, "flyway.user.toml": TOML},
          works=True)
    place("flyway.toml at home", files={"home/flyway.toml": TOML}, works=True)
    place("conf/flyway.toml", env={"CFLYWAY_HOME": "."}, files={"conf/flyway.toml": TOML},
          works=True)
    place("-configFiles of TOML", "-configFiles=a.toml", files={"a.toml": TOML}, works=True)
    place("FLYWAY_CONFIG_FILES of TOML", env={"FLYWAY_CONFIG_FILES": "a.toml"},
          files={"a.toml": TOML}, works=True)
    place("another environment", "-environment=other", files={"flyway.toml": OTHER}, works=True)
    place("an environment beside", *LOGIN, files={"flyway.toml": OTHER}, works=True)
    place("-environments", "-environments=other", files={"flyway.toml": TOML + OTHER}, works=True)
    place("two -environments alike", "-environments=other,default",
          files={"flyway.toml": TOML + OTHER})
    place("a table in a line", works=True, files={
        "flyway.toml": 'environments.default = {url = "@URL@", user = "@USER@", '
                       'password = "@T@"}\n'})
    place("a string of several lines", works=True,
          files={"flyway.toml": TOML_OPEN + 'password = """@T@"""\n'})
    place("env.PLANTED", files={"flyway.toml": TOML_OPEN + 'password = "${env.PLANTED}"\n'},
          env={"PLANTED": "@S@"}, works=True)
    place("env of nothing", files={"flyway.toml": TOML_OPEN + 'password = "@T@${env.NONE}"\n'})
    place("env in env", env={"PLANTED": "@S@"}, files={
        "flyway.toml": TOML_OPEN + 'password = "${env.${env.PLANTED}}"\n'})
    place("vault", files={"flyway.toml": TOML_OPEN + 'password = "${vault.@T@}"\n'})
    place("a resolver of the vault", files={
        "flyway.toml": TOML_OPEN + 'password = "x"\n[environments.default.resolvers.vault]\n'
                       'url = "http://h.invalid"\ntoken = "@T@"\nsecrets = ["a"]\n'})
    place("a resolver of the cloud", files={
        "flyway.toml": TOML_OPEN + '[environments.default.resolvers.clone]\nauthToken = "@T@"\n'})
    place("a property of TOML", works=True, files={
        "flyway.toml": TOML_OPEN + '[environments.default.jdbcProperties]\npassword = "@T@"\n'})
    place("a token of TOML", files={"flyway.toml": TOML + '[flyway]\ntoken = "@T@"\n'}, works=True)
    place("placeholders of TOML", works=True, files={
        "flyway.toml": TOML + '[flyway.placeholders]\nrolePassword = "@T@"\n'})
    place("a URL of TOML", files={
        "flyway.toml": '[environments.default]\nurl = "@URL@?user=@USER@&password=@U@"\n'},
          works=True)
    for title, text in (
            ("misspelt", 'pasword = "@T@"\n'),
            ("in the wrong case", 'Password = "@T@"\n'),
            ("in the wrong table", '[flyway]\npassword = "@T@"\n'),
            ("misspelt in the wrong table", '[flyway]\npasword = "@T@"\n'),
            ("in an unknown table", '[database]\npassword = "@T@"\n'),
            ("as a list", 'password = ["@T@"]\n'),
            ("as a table", 'password = {value = "@T@"}\n'),
            ("as two", 'password = ["@T@", "@T@"]\n'),
            ("twice", 'password = "@T@"\npassword = "@T@"\n'),
            ("without quotes", "password = @S@\n"),
            ("without the last quote", 'password = "@T@\n'),
            ("without the first quote", 'password = @T@"\n'),
            ("with text after it", 'password = "@T@" x\n'),
            ("with a bad escape", 'password = "\\q@T@"\n'),
            ("without =", 'password "@T@"\n'),
            ("with a colon", 'password: "@T@"\n'),
            ("with == ", 'password == "@T@"\n'),
            ("under a broken line", '= 1\npassword = "@T@"\n'),
            ("over a broken line", 'password = "@T@"\nuser user\n'),
            ("in an open string of lines", 'password = """\n@T@\n'),
            ("in an open list", 'password = ["@T@",\n'),
            ("in an open table", 'x = {password = "@T@"\n'),
            ("misspelt and without quotes", "pasword = @S@\n"),
            ("misspelt and open", 'passwrd = "@T@\n'),
            ("in a key", 'password."@T@" = 1\n'),
            ("in a heading", '[environments.default."@T@"]\npassword = "x"\n'),
            ("in a comment, open", 'x = "# password = "@T@"\n'),
            ("in a URL, open", 'jdbcurl = "postgres://u:@U@@h/d\n')):
        place("TOML: " + title, files={"flyway.toml": TOML_OPEN + text})


def other_files():
    place("a target", "-targets=t.ini", files={
        "t.ini": "[one]\nlocations = filesystem:sql\nurl = @URL@?user=@USER@&password=@U@\n"}, works=True)
    place("a target, postgres://", "-targets=t.ini", files={
        "t.ini": "[one]\nlocations = filesystem:sql\nurl = postgres://@USER@:@U@@@HOST@/@DB@\n"}, works=True)
    place("-passwordFile", *OPEN, "-passwordFile=p", files={"p": "@S@\n"}, works=True)
    place("-passwordFile that others can read", *OPEN, "-passwordFile=p", works=True,
          files={"p#644": "@S@\n"})
    place("-passwordFile with a password beside it", *LOGIN, "-passwordFile=p",
          files={"p": "@S@\n"})
    place("cflyway.passwordFile in a file", files={
        "flyway.conf": CONF_OPEN + "cflyway.passwordFile=p\n", "p": "@S@\n"}, works=True)
    place("cflyway.passwordFile in flyway.toml", works=True, files={
        "flyway.toml": TOML_OPEN + '[flyway]\ncflyway.passwordFile = "p"\n', "p": "@S@\n"})
    place("FLYWAY_CFLYWAY_PASSWORD_FILE", *OPEN, env={"FLYWAY_CFLYWAY_PASSWORD_FILE": "p"},
          files={"p": "@S@\n"})
    place("two targets alike", "-targets=t.ini", files={
        "t.ini": "".join("[%s]\nurl = @URL@?user=@USER@&password=@U@\n" % name for name in "ab")})
    place("a target with a password", "-targets=t.ini", files={
        "t.ini": "[one]\nlocations = filesystem:sql\nurl = @URL@\nuser = @USER@\npassword = @S@\n"})
    place("a target, misspelt", "-targets=t.ini", files={
        "t.ini": "[one]\nlocations = filesystem:sql\nurll = @URL@?user=@USER@&password=@U@\n"})
    place("a target that is no pair", "-targets=t.ini", files={"t.ini": "[one]\npassword @S@\n"})
    place("a target that another program prepares", "-targets=t.ini", *("-password=@S@",), files={
        "t.ini": "[one]\nlocations = filesystem:sql\nurl = @URL@\nuser = @USER@\n"}, works=True)
    place("a location of that name", *LOGIN, "-locations=filesystem:sql,s3:u:@U@@bucket/password")
    place("alembic.ini", "-import.project=alembic a", files={
        "a/alembic.ini": "[alembic]\nscript_location = a\nsqlalchemy.url = "
                         "postgresql://u:@U@@h.invalid/d\n"})


for group, fill in (("arguments", arguments), ("URLs", urls), ("variables", variables),
                    (".conf files", conf_files), ("flyway.toml", toml_files),
                    ("other files", other_files)):
    first = len(PLACES)
    fill()
    PLACES[first:] = [one._replace(group=group) for one in PLACES[first:]]
