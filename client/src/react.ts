import { createContext, createElement, type ReactNode, useContext, useSyncExternalStore } from "react";
import type { Session, SessionState } from "./session.ts";

/** A session in React 18 and later: who is logged in, in any component, and parts for them alone. */

const SessionContext = createContext<Session | null>(null);

/** Hands a session to {@link useUser} and {@link RequireUser} below it. */
export function SessionProvider({
  session,
  children,
}: {
  session: Session;
  children?: ReactNode;
}): ReactNode {
  return createElement(SessionContext.Provider, { value: session }, children);
}

export interface UsedUser extends SessionState {
  readonly session: Session;
}

/** Who is logged in, followed through log-ins and log-outs, in other tabs too. Needs {@link SessionProvider}. */
export function useUser(): UsedUser {
  const session = useContext(SessionContext);
  if (session === null)
    throw new Error("There is no session: put <SessionProvider session={…}> around this.");
  const state = useSyncExternalStore(session.subscribe, session.state, serverState);
  return { ...state, session };
}

/** A server that renders pages knows nobody: tokens are in the browser. */
const nobody: SessionState = { status: "loading", user: null, error: null };
const serverState = () => nobody;

export interface RequireUserProps {
  readonly children?: ReactNode;
  /** For whoever is not logged in: the log-in form, or what leads to it. */
  readonly otherwise: ReactNode;
  /** While the API is asked. Default: nothing. */
  readonly pending?: ReactNode;
  /** Where the API did not answer. Default: `pending`. */
  readonly failed?: ReactNode;
}

/** Shows `children` to whoever is logged in, and to nobody else; a log-out in another tab takes them away. */
export function RequireUser({
  children,
  otherwise,
  pending = null,
  failed = pending,
}: RequireUserProps): ReactNode {
  const { status } = useUser();
  if (status === "in") return children;
  return { out: otherwise, loading: pending, failed }[status];
}
