// The Key API as a page uses it; the same for all peers that do not bring a client of their own.

const stored = () => JSON.parse(sessionStorage.getItem("session") ?? "null");

export const isSignedIn = () => stored() !== null;

export const signOut = () => sessionStorage.removeItem("session");

export async function signIn(username, password) {
  const body = new URLSearchParams({ username, password });
  const answer = await fetch("/auth/access-token", { method: "POST", body });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.detail);
  sessionStorage.setItem("session", JSON.stringify(said));
}

/** What a form does that signs in: by its fields, with words for what goes wrong. */
export const signInBy = (onDone, onError) => async (event) => {
  event.preventDefault();
  const { username, password } = event.target.elements;
  try {
    await signIn(username.value, password.value);
    onDone();
  } catch (failure) {
    onError(failure.message);
  }
};

async function ask(method, path, body) {
  const headers = { authorization: `Bearer ${stored()?.access_token}` };
  if (body) headers["content-type"] = "application/json";
  const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  if (!answer.ok) {
    throw Object.assign(new Error(`The Key API answers ${answer.status}.`), {
      status: answer.status,
    });
  }
  return answer.json();
}

export const listKeys = () => ask("GET", "/keys/");
export const createKey = (name) => ask("PUT", "/keys/", { name });
export const revokeKey = (uuid) => ask("DELETE", `/keys/${uuid}`);
