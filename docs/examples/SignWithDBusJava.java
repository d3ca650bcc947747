/*
 * Signs a file with the first Key that has a certificate of the wanted type.
 *
 *   SignWithDBusJava signature FILE OUTPUT [KEY-TYPE]     the raw signature
 *   SignWithDBusJava message   FILE OUTPUT [KEY-TYPE]     a signed message (CMS) with the file in it
 *
 * KEY-TYPE is rsa-2048 (the default), ec-p256, sm2 …  Needs libdbus-java and openjdk-17-jdk-headless:
 *
 *   javac -encoding UTF-8 -cp /usr/share/java/dbus.jar SignWithDBusJava.java
 *   java -cp .:/usr/share/java/dbus.jar SignWithDBusJava signature order.xml order.sig
 *
 * libdbus-java 2.8 has no type for open files, so the calls that take bytes are used: at most 16 MiB for a signature and
 * 8 MiB for a message. What its types are on the bus: byte[] is ay, Variant is v, Map<String, Variant<?>> is a{sv}, UInt32 is u,
 * Path is o.
 */
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.freedesktop.dbus.DBusConnection;
import org.freedesktop.dbus.DBusInterface;
import org.freedesktop.dbus.DBusInterfaceName;
import org.freedesktop.dbus.MethodCall;
import org.freedesktop.dbus.Path;
import org.freedesktop.dbus.UInt32;
import org.freedesktop.dbus.Variant;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.exceptions.DBusExecutionException;

public final class SignWithDBusJava {
    private static final String SERVICE = "org.ukeyd.UKey1";
    private static final String CERTIFICATE = "org.ukeyd.UKey1.Certificate";

    @DBusInterfaceName("org.freedesktop.DBus.ObjectManager")
    public interface ObjectManager extends DBusInterface {
        Map<Path, Map<String, Map<String, Variant<?>>>> GetManagedObjects();
    }

    @DBusInterfaceName(CERTIFICATE)
    public interface Certificate extends DBusInterface {
        byte[] SignData(String algorithm, byte[] data, Map<String, Variant<?>> options);

        byte[] SignMessage(byte[] content, Map<String, Variant<?>> options);
    }

    public static void main(String[] arguments) throws Exception {
        if (arguments.length < 3) {
            System.err.println("usage: SignWithDBusJava signature|message FILE OUTPUT [KEY-TYPE]");
            System.exit(2);
        }
        String keyType = arguments.length > 3 ? arguments[3] : "rsa-2048";
        int code = 0;
        // The address is DBUS_SYSTEM_BUS_ADDRESS, else /var/run/dbus/system_bus_socket.
        DBusConnection connection = DBusConnection.getConnection(DBusConnection.SYSTEM);
        try {
            // The library waits for 20 s, as long as ukeyd does by default: let ukeyd answer first.
            MethodCall.setDefaultTimeout(60_000);
            byte[] content = Files.readAllBytes(Paths.get(arguments[1]));
            Files.write(Paths.get(arguments[2]), sign(connection, arguments[0], content, keyType));
        } catch (DBusExecutionException error) {
            // An error of ukeyd: its type is the D-Bus name.
            System.err.println(error.getType() + ": " + error.getMessage());
            code = 1;
        } catch (DBusException error) {
            System.err.println(error.getMessage());
            code = 1;
        } finally {
            connection.disconnect();
        }
        System.exit(code);
    }

    private static byte[] sign(DBusConnection connection, String form, byte[] content, String keyType)
            throws DBusException {
        ObjectManager objects = connection.getRemoteObject(SERVICE, "/org/ukeyd/UKey1", ObjectManager.class);
        Map<Path, Map<String, Map<String, Variant<?>>>> all = objects.GetManagedObjects();
        for (Path path : all.keySet()) {
            Map<String, Variant<?>> properties = all.get(path).get(CERTIFICATE);
            if (properties == null || !keyType.equals(properties.get("KeyType").getValue())) {
                continue;
            }
            Map<String, Variant<?>> options = new HashMap<>();
            options.put("reason", new Variant<>("Sign an order"));
            options.put("timeout-ms", new Variant<>(new UInt32(50_000)));
            Certificate certificate = connection.getRemoteObject(SERVICE, path.getPath(), Certificate.class);
            if (form.equals("message")) {
                return certificate.SignMessage(content, options);
            }
            List<?> algorithms = (List<?>) properties.get("Algorithms").getValue();
            return certificate.SignData((String) algorithms.get(0), content, options);
        }
        throw new DBusException("no Key with a certificate of type " + keyType + " is plugged in");
    }
}
