// @zuplo/react-api-key-manager with a provider of our own for the Key API, as its documentation
// tells for other APIs. It has no form to sign in, so there is a plain one before it.

import { useState } from "react";
import { createRoot } from "react-dom/client";
import { ApiKeyManager } from "@zuplo/react-api-key-manager";
import "@zuplo/react-api-key-manager/index.css";
import { isSignedIn, listKeys, revokeKey, signInBy } from "../api.js";
import "../limit/style.css";

// What it calls a consumer has one label and some keys: a key of ours is one with one key.
const consumer = ({ uuid, name, created, api_key }) => ({
  name: uuid,
  description: name,
  createdOn: created,
  apiKeys: [
    {
      id: uuid,
      description: name,
      createdOn: created,
      updatedOn: created,
      expiresOn: null,
      key: api_key,
    },
  ],
});

class Provider {
  #refreshers = new Set();
  getConsumers = async () => ({ data: (await listKeys()).map(consumer) });
  deleteKey = (_consumer, uuid) => revokeKey(uuid);
  rollKey = () => Promise.reject(new Error("The Key API rolls no keys."));
  updateConsumerDescription = () => Promise.reject(new Error("A key keeps its name."));
  refresh = () => this.#refreshers.forEach((refresh) => refresh());
  registerOnRefresh = (refresh) => {
    this.#refreshers.add(refresh);
    return refresh;
  };
  unregisterOnRefresh = (refresh) => this.#refreshers.delete(refresh);
}

const provider = new Provider();
const menu = [
  {
    label: "Revoke",
    action: async ({ name }) => {
      await revokeKey(name);
      provider.refresh();
    },
  },
];

function SignIn({ onDone }) {
  const [error, setError] = useState("");
  return (
    <form id="sign-in" onSubmit={signInBy(onDone, setError)}>
      <h1>Sign in</h1>
      <label>
        Email <input name="username" autoComplete="username" required />
      </label>
      <label>
        Password <input name="password" type="password" required />
      </label>
      <p role="alert">{error}</p>
      <button type="submit">Sign in</button>
    </form>
  );
}

function App() {
  const [inside, setInside] = useState(isSignedIn);
  return inside ? (
    <ApiKeyManager provider={provider} menuItems={menu} theme="system" />
  ) : (
    <SignIn onDone={() => setInside(true)} />
  );
}

createRoot(document.getElementById("root")).render(<App />);
