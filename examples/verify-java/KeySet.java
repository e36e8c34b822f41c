import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The public keys at an address, by kid. An unknown kid has them fetched again, once in a cooldown, however many are
 * shown.
 */
final class KeySet {
    private static final Duration MAX_AGE = Duration.ofMinutes(5);
    /** Without an answer, what is known stays good for an hour. */
    private static final Duration MAX_STALE = Duration.ofHours(1);

    /** Nobody can tell whether a token is good. */
    static final class Unavailable extends Exception {
        private static final long serialVersionUID = 1;
    }

    private final HttpClient client = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private final URI address;
    private final Duration cooldown;
    private Map<String, PublicKey> keys = Map.of();
    private Long fetched;
    private Long tried;

    KeySet(String address, Duration cooldown) {
        this.address = URI.create(address);
        this.cooldown = cooldown;
    }

    /** Null for a key that is not there. */
    synchronized PublicKey key(String kid) throws Unavailable {
        boolean isOld = isPast(fetched, MAX_AGE);
        if ((isOld || !keys.containsKey(kid)) && isPast(tried, cooldown)) fetch();
        if (isPast(fetched, MAX_STALE)) throw new Unavailable();
        return keys.get(kid);
    }

    private static boolean isPast(Long since, Duration time) {
        return since == null || System.nanoTime() - since >= time.toNanos();
    }

    private void fetch() {
        tried = System.nanoTime();
        try {
            HttpRequest request = HttpRequest.newBuilder(address).timeout(Duration.ofSeconds(5)).build();
            var answer = client.send(request, BodyHandlers.ofString());
            if (answer.statusCode() == 200) {
                keys = readKeys(answer.body());
                fetched = tried;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | GeneralSecurityException | IllegalArgumentException | ClassCastException e) {
            System.err.println("the public keys can't be fetched: " + e);
        }
    }

    private static Map<String, PublicKey> readKeys(String body) throws GeneralSecurityException {
        Map<String, PublicKey> read = new HashMap<>();
        for (Object one : (List<?>) ((Map<?, ?>) Json.read(body)).get("keys")) {
            Map<?, ?> key = (Map<?, ?>) one;
            boolean isForSigning = !key.containsKey("use") || "sig".equals(key.get("use"));
            if (!"EC".equals(key.get("kty")) || !"P-256".equals(key.get("crv")) || !isForSigning) continue;
            if (key.get("kid") instanceof String kid) read.put(kid, publicKey(key));
        }
        return read;
    }

    private static PublicKey publicKey(Map<?, ?> key) throws GeneralSecurityException {
        AlgorithmParameters curve = AlgorithmParameters.getInstance("EC");
        curve.init(new ECGenParameterSpec("secp256r1"));
        ECPoint point = new ECPoint(number(key.get("x")), number(key.get("y")));
        ECPublicKeySpec spec = new ECPublicKeySpec(point, curve.getParameterSpec(ECParameterSpec.class));
        // Verifying with it refuses a point that is not on the curve.
        return KeyFactory.getInstance("EC").generatePublic(spec);
    }

    private static BigInteger number(Object text) {
        return new BigInteger(1, Base64.getUrlDecoder().decode((String) text));
    }
}
