type Info = (...args: unknown[]) => Promise<unknown>;

/**
 * Lets a client's INFO answer nothing where the account may not ask it (ACL). ioredis asks at every connection, and
 * would print a line of its own between the log's JSON; BullMQ would never take a job. Other failures are passed on.
 */
export function infoOrNothing<Client extends object>(client: Client): Client {
  const asking = client as { info: Info };
  const info = asking.info.bind(client);
  asking.info = async (...args) => {
    const last = args.at(-1);
    const callback = typeof last === "function" ? last : null;
    try {
      const text = await info(...(callback ? args.slice(0, -1) : args)).catch(nothingWhereDenied);
      callback?.(null, text);
      return text;
    } catch (error) {
      if (callback === null) throw error;
      callback(error);
      return "";
    }
  };
  return client;
}

function nothingWhereDenied(error: unknown): string {
  if (error instanceof Error && /\bNOPERM\b/.test(error.message)) return "";
  throw error;
}
