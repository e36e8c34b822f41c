import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Who calls this service, by the access token of Meiduo Accounts and without asking there. With the JDK alone.
 *
 * What this can't see: a session that was ended. Its last access token is good here until it expires, after 15 minutes
 * where the client asked for refresh tokens. Where that is too long, ask the account server.
 */
final class AccountsTokens {
    record User(long id, String username, String session) {}

    private static final Pattern IN_HEADER = Pattern.compile("(?i)(?:jwt|bearer) +([\\w-]+)\\.([\\w-]+)\\.([\\w-]+)");
    private static final long LEEWAY_SECONDS = 30;
    private final KeySet keys;
    private final byte[] secretKey;
    private final String issuer;
    private final String audience;

    /** Of `keys` and `secretKey`, the account server's SECRET_KEY, one is null; so are issuer and audience where not set. */
    AccountsTokens(KeySet keys, String secretKey, String issuer, String audience) {
        if ((keys == null) == (secretKey == null)) throw new IllegalArgumentException("set ACCOUNTS_JWKS or SECRET_KEY");
        this.keys = keys;
        this.secretKey = secretKey == null ? null : secretKey.getBytes(StandardCharsets.UTF_8);
        this.issuer = issuer;
        this.audience = audience;
    }

    /** Null without a good token. */
    User userOf(String authorization) throws KeySet.Unavailable {
        var found = IN_HEADER.matcher(authorization == null ? "" : authorization);
        if (!found.matches()) return null;
        try {
            Map<?, ?> header = (Map<?, ?>) Json.read(text(found.group(1)));
            byte[] signed = (found.group(1) + "." + found.group(2)).getBytes(StandardCharsets.US_ASCII);
            byte[] signature = Base64.getUrlDecoder().decode(found.group(3));
            // Extensions that must be understood (RFC 7515 section 4.1.11): none is.
            if (header.containsKey("crit") || !isSigned(header, signed, signature)) return null;
            return userIn((Map<?, ?>) Json.read(text(found.group(2))));
        } catch (IllegalArgumentException | ClassCastException | GeneralSecurityException e) {
            return null;
        }
    }

    /** The algorithm is ours to say and never the token's: `none`, or HS256 under a public key, is nobody's token. */
    private boolean isSigned(Map<?, ?> header, byte[] signed, byte[] signature)
            throws KeySet.Unavailable, GeneralSecurityException {
        if (keys == null) {
            if (!"HS256".equals(header.get("alg"))) return false;
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secretKey, "HmacSHA256"));
            return MessageDigest.isEqual(mac.doFinal(signed), signature);
        }
        if (!"ES256".equals(header.get("alg")) || !(header.get("kid") instanceof String kid)) return false;
        PublicKey key = keys.key(kid);
        if (key == null || signature.length != 64) return false;
        Signature verifier = Signature.getInstance("SHA256withECDSAinP1363Format");
        verifier.initVerify(key);
        verifier.update(signed);
        return verifier.verify(signature);
    }

    private User userIn(Map<?, ?> claims) {
        long now = Instant.now().getEpochSecond();
        boolean hasEnded = !(claims.get("exp") instanceof Double exp) || now >= exp + LEEWAY_SECONDS;
        boolean hasBegun = !claims.containsKey("nbf") || claims.get("nbf") instanceof Double nbf && now >= nbf - LEEWAY_SECONDS;
        if (hasEnded || !hasBegun || !"access".equals(claims.get("token_type")) || !isForUs(claims)) return null;
        if (!(claims.get("user_id") instanceof Double id) || id != Math.rint(id) || id <= 0) return null;
        if (!(claims.get("username") instanceof String username)) return null;
        return new User(id.longValue(), username, claims.get("sid") instanceof String sid ? sid : null);
    }

    private boolean isForUs(Map<?, ?> claims) {
        if (issuer != null && !issuer.equals(claims.get("iss"))) return false;
        // A token for somebody in particular, who is not us.
        if (audience == null) return !claims.containsKey("aud");
        return claims.get("aud") instanceof List<?> several ? several.contains(audience) : audience.equals(claims.get("aud"));
    }

    private static String text(String encoded) {
        return new String(Base64.getUrlDecoder().decode(encoded), StandardCharsets.UTF_8);
    }
}
