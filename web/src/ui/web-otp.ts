/** WebOTP: the browser reads the code out of an SMS that names this site, after asking the reader. */
interface OtpCredential {
  readonly code?: string;
}

/** Waits for one until `signal` aborts; null where the browser can't, the reader says no, or nothing comes. */
export async function codeFromSms(signal: AbortSignal): Promise<string | null> {
  if (!("OTPCredential" in window)) return null;
  const wanted = { otp: { transport: ["sms"] }, signal } as CredentialRequestOptions;
  try {
    return ((await navigator.credentials.get(wanted)) as OtpCredential | null)?.code ?? null;
  } catch {
    // No code came, or none was wanted: then it is typed.
    return null;
  }
}
