import {
  type App,
  type ComputedRef,
  computed,
  type InjectionKey,
  inject,
  type ShallowRef,
  shallowRef,
} from "vue";
import type { ApiError } from "./api-error.ts";
import type { Session, SessionState } from "./session.ts";
import type { CurrentUser } from "./wire.ts";

/** A session in Vue 3: who is logged in, in any component, and routes for them alone. */

interface Provided {
  readonly session: Session;
  readonly state: ShallowRef<SessionState>;
}

const provided: InjectionKey<Provided> = Symbol("session");

/** `app.use(sessionPlugin(createSession({ baseUrl })))`: from then on {@link useUser} works in every component. */
export function sessionPlugin(session: Session): { install(app: App): void } {
  return {
    install(app) {
      const state = shallowRef(session.state());
      const stop = session.subscribe(() => {
        state.value = session.state();
      });
      app.provide(provided, { session, state });
      // Vue has it since 3.5; uni-app brings an older one, and its app ends with the program.
      app.onUnmount?.(stop);
    },
  };
}

export interface UsedUser {
  /** Null while nobody is logged in, or it is not known yet who. */
  readonly user: ComputedRef<CurrentUser | null>;
  readonly status: ComputedRef<SessionState["status"]>;
  /** Why the API did not say who is logged in; `session.reload()` asks again. */
  readonly error: ComputedRef<ApiError | null>;
  readonly session: Session;
}

/** Who is logged in, followed through log-ins and log-outs, in other tabs too. For `setup`; needs {@link sessionPlugin}. */
export function useUser(): UsedUser {
  const found = inject(provided, null);
  if (found === null) throw new Error("There is no session: app.use(sessionPlugin(session)) comes first.");
  const { session, state } = found;
  return {
    user: computed(() => state.value.user),
    status: computed(() => state.value.status),
    error: computed(() => state.value.error),
    session,
  };
}

/** Of a route of vue-router, what is used here. */
interface GuardedRoute {
  readonly fullPath: string;
  readonly path: string;
  readonly meta: object;
}

/** Of vue-router's router, what is used here. */
interface GuardedRouter {
  beforeEach(guard: (to: GuardedRoute) => true | LogInRoute): unknown;
  afterEach(guard: () => void): unknown;
  push(to: LogInRoute): unknown;
  readonly currentRoute: { readonly value: GuardedRoute };
}

interface LogInRoute {
  path: string;
  query: { next: string };
}

/**
 * Sends whoever is not logged in from routes with `meta: { personal: true }` to the log-in page, with the path to come
 * back to as `next` (read it with `nextPath`). Whoever logs out or whose token expires, in another tab too, is sent there
 * from such a route. Call it before `app.use(router)`. Returns what ends the latter.
 */
export function guardRoutes(router: GuardedRouter, session: Session, logInPath = "/login"): () => void {
  const isClosed = (route: GuardedRoute) =>
    Boolean((route.meta as { personal?: unknown }).personal) && session.state().status === "out";
  const logIn = (next: string): LogInRoute => ({ path: logInPath, query: { next } });
  const leave = () => {
    const here = router.currentRoute.value;
    if (isClosed(here)) router.push(logIn(here.fullPath));
  };
  router.beforeEach((to) => (isClosed(to) ? logIn(to.fullPath) : true));
  // The session may have ended while the route was being loaded.
  router.afterEach(leave);
  return session.subscribe(leave);
}
