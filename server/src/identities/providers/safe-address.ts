/** https, or plain http to this machine; no log-in, which browsers would get to see. The client secret travels there. */
export function isSafeAddress(address: string): boolean {
  const { protocol, hostname, username, password } = new URL(address);
  if (username + password !== "") return false;
  return (
    protocol === "https:" || (protocol === "http:" && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname))
  );
}
