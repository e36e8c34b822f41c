import { RequireUser, useUser } from "@meiduo/client/react";
import { useState } from "react";
import { LogInForm } from "./LogInForm.tsx";
import { SignUpForm } from "./SignUpForm.tsx";

export function App() {
  const { user, session } = useUser();
  const [isNew, setIsNew] = useState(false);
  return (
    <>
      <header>
        <span className="name">The shop</span>
        {user && (
          <nav>
            <span>{user.username}</span>
            <button type="button" className="link" onClick={session.logOut}>
              Log out
            </button>
          </nav>
        )}
      </header>
      <main>
        <RequireUser
          otherwise={
            isNew ? (
              <SignUpForm onLeave={() => setIsNew(false)} />
            ) : (
              <LogInForm onNew={() => setIsNew(true)} />
            )
          }
          pending={<p>One moment…</p>}
          failed={<Failed />}
        >
          <Profile />
        </RequireUser>
      </main>
    </>
  );
}

function Profile() {
  const { user } = useUser();
  return (
    <>
      <h1>Your profile</h1>
      <dl>
        <dt>User name</dt>
        <dd>{user?.username}</dd>
        <dt>Email</dt>
        <dd>{user?.email}</dd>
      </dl>
    </>
  );
}

function Failed() {
  const { error, session } = useUser();
  return (
    <p role="alert">
      {error?.message}{" "}
      <button type="button" className="link" onClick={session.reload}>
        Try again
      </button>
    </p>
  );
}
