/**
 * Which second factor a person gave, beside what let them in:
 *
 * - `totp`: a code of the authenticator app;
 * - `recovery_code`: one of the codes that stand in for it;
 * - `passkey`: a passkey, whose device verified its user;
 * - `remembered_device`: none now; the device showed that one was given on it before;
 * - `provider`: none here; a third party that is trusted with it says that it asked for one.
 */
export type GivenFactor = "totp" | "recovery_code" | "passkey" | "remembered_device" | "provider";
