/**
 * The last line by which a browser gives an SMS's code to the page that waits for it, and to no other (WICG "Origin-bound one-time
 * codes delivered via SMS"; WebOTP reads it). Only of a site on https, and only where the message stays one: a second part costs
 * a second message.
 */
export function withWebOtp(text: string, siteUrl: string, code: string): string {
  const { protocol, hostname } = new URL(siteUrl);
  const bound = `${text}\n@${hostname} #${code}`;
  // Outside of GSM's own alphabet, of which ASCII is a good enough part, an SMS has 70 characters.
  const most = /^[\x20-\x7e\n]*$/.test(bound) ? 160 : 70;
  return protocol === "https:" && bound.length <= most ? bound : text;
}
