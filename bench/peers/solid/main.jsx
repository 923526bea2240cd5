// Solid with @tanstack/solid-virtual: the rows in sight, as its examples have it.

import { For, Show, createMemo, createResource, createSignal } from "solid-js";
import { render } from "solid-js/web";
import { createVirtualizer } from "@tanstack/solid-virtual";
import { createKey, isSignedIn, listKeys, revokeKey, signInBy } from "../api.js";
import { COLUMNS, arranged, lastUsed, prepared, sorted, time } from "../list.js";
import "../limit/style.css";
import "./main.css";

const ROW = 44;

function SignIn(props) {
  const [error, setError] = createSignal("");
  return (
    <form id="sign-in" onSubmit={signInBy(props.onDone, setError)}>
      <h1>Sign in</h1>
      <label>
        Email <input name="username" autocomplete="username" required />
      </label>
      <label>
        Password <input name="password" type="password" required />
      </label>
      <p role="alert">{error()}</p>
      <button type="submit">Sign in</button>
    </form>
  );
}

function Keys() {
  const [keys, { refetch, mutate }] = createResource(async () => prepared(await listKeys()));
  const [search, setSearch] = createSignal("");
  const [sort, setSort] = createSignal({ by: "created", sign: 1 });
  const [meant, setMeant] = createSignal();
  const [secret, setSecret] = createSignal("");
  const view = createMemo(() => arranged(keys.latest ?? [], search(), sort()));
  let scroller, create, revoke;
  const virtual = createVirtualizer({
    get count() {
      return view().length;
    },
    getScrollElement: () => scroller,
    estimateSize: () => ROW,
    overscan: 8,
  });
  const above = () => virtual.getVirtualItems()[0]?.start ?? 0;
  const below = () => virtual.getTotalSize() - (virtual.getVirtualItems().at(-1)?.end ?? 0);
  const onCreate = async (event) => {
    event.preventDefault();
    setSecret((await createKey(event.target.elements.name.value)).api_key);
    refetch();
  };
  const onRevoke = async () => {
    const key = meant();
    revoke.close();
    await revokeKey(key.uuid);
    mutate((all) => all.filter((it) => it !== key));
  };
  return (
    <main>
      <h1>API keys</h1>
      <p class="tools">
        <input type="search" aria-label="Search" onInput={(e) => setSearch(e.target.value)} />
        <span role="status">{view().length} keys</span>
        <button id="create" onClick={() => create.showModal()}>
          Create key
        </button>
      </p>
      <div class="scroller" ref={scroller}>
        <table>
          <thead>
            <tr>
              <For each={COLUMNS}>
                {([by, title]) => (
                  <th
                    aria-sort={
                      sort().by !== by ? "none" : sort().sign > 0 ? "ascending" : "descending"
                    }
                  >
                    <button data-sort={by} onClick={() => setSort((it) => sorted(it, by))}>
                      {title}
                    </button>
                  </th>
                )}
              </For>
              <th>Actions</th>
            </tr>
          </thead>
          <tbody>
            <tr class="gap">
              <td colspan="5" style={{ height: `${above()}px` }} />
            </tr>
            <For each={virtual.getVirtualItems()}>
              {(item) => (
                <Show when={view()[item.index]}>
                  {(key) => (
                    <tr data-index={item.index}>
                      <td>{key().name}</td>
                      <td>{key().api_key}</td>
                      <td>{time(key().created)}</td>
                      <td>{lastUsed(key())}</td>
                      <td>
                        <button onClick={() => (setMeant(key()), revoke.showModal())}>
                          Revoke
                        </button>
                      </td>
                    </tr>
                  )}
                </Show>
              )}
            </For>
            <tr class="gap">
              <td colspan="5" style={{ height: `${below()}px` }} />
            </tr>
          </tbody>
        </table>
      </div>
      <dialog id="create-dialog" ref={create}>
        <form onSubmit={onCreate}>
          <h2>Create a key</h2>
          <label>
            Name <input name="name" />
          </label>
          <output>{secret()}</output>
          <p>
            <button type="button" class="cancel" onClick={() => create.close()}>
              Cancel
            </button>
            <button type="submit">Create</button>
          </p>
        </form>
      </dialog>
      <dialog id="revoke-dialog" ref={revoke}>
        <h2>Revoke {meant()?.name}?</h2>
        <p>
          <button onClick={() => revoke.close()}>Cancel</button>
          <button class="confirm" onClick={onRevoke}>
            Revoke key
          </button>
        </p>
      </dialog>
    </main>
  );
}

function App() {
  const [inside, setInside] = createSignal(isSignedIn());
  return (
    <Show when={inside()} fallback={<SignIn onDone={() => setInside(true)} />}>
      <Keys />
    </Show>
  );
}

render(() => <App />, document.getElementById("root"));
