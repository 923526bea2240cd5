// react-admin: its sign-in page, its list with pages, its form for a new record, over a data
// provider for the Key API, which has no pages of its own.

import { createRoot } from "react-dom/client";
import {
  Admin,
  Create,
  Datagrid,
  DateField,
  DeleteButton,
  List,
  Resource,
  SearchInput,
  SimpleForm,
  TextField,
  TextInput,
} from "react-admin";
import { createKey, isSignedIn, listKeys, revokeKey, signIn, signOut } from "../api.js";
import { arranged, prepared } from "../list.js";

const authProvider = {
  login: ({ username, password }) => signIn(username, password),
  logout: async () => signOut(),
  checkAuth: async () => {
    if (!isSignedIn()) throw new Error();
  },
  checkError: async ({ status }) => {
    if (status !== 401) return;
    signOut();
    throw new Error();
  },
};

// The API answers with all keys at once: they are asked for once, and again after a change.
let kept;
const all = () => {
  kept ??= listKeys().then((keys) => prepared(keys).map((key) => ({ ...key, id: key.uuid })));
  kept.catch(() => (kept = undefined));
  return kept;
};

const dataProvider = {
  async getList(_resource, { pagination: { page, perPage }, sort: { field, order }, filter }) {
    const by = field === "id" ? "created" : field;
    const found = arranged(await all(), filter.q ?? "", { by, sign: order === "ASC" ? 1 : -1 });
    return { data: found.slice((page - 1) * perPage, page * perPage), total: found.length };
  },
  async create(_resource, { data }) {
    const made = await createKey(data.name);
    kept = undefined;
    return { data: { ...made, id: made.uuid, name: data.name } };
  },
  async delete(_resource, { id, previousData }) {
    await revokeKey(id);
    kept = kept?.then((keys) => keys.filter((key) => key.id !== id));
    return { data: previousData ?? { id } };
  },
  async getOne(_resource, { id }) {
    return { data: (await all()).find((key) => key.id === id) };
  },
  async getMany(_resource, { ids }) {
    return { data: (await all()).filter((key) => ids.includes(key.id)) };
  },
  getManyReference: () => Promise.reject(new Error("keys refer to nothing")),
  update: () => Promise.reject(new Error("a key cannot be changed")),
  updateMany: () => Promise.reject(new Error("a key cannot be changed")),
  async deleteMany(_resource, { ids }) {
    for (const id of ids) await dataProvider.delete("keys", { id });
    return { data: ids };
  },
};

const KeyList = () => (
  <List
    filters={[<SearchInput key="q" source="q" alwaysOn />]}
    sort={{ field: "created", order: "ASC" }}
    perPage={25}
  >
    <Datagrid rowClick={false}>
      <TextField source="name" />
      <TextField source="api_key" label="Key" />
      <DateField source="created" showTime />
      <DateField source="last_used" showTime />
      <DeleteButton label="Revoke" mutationMode="pessimistic" />
    </Datagrid>
  </List>
);

const KeyCreate = () => (
  <Create redirect="list">
    <SimpleForm>
      <TextInput source="name" />
    </SimpleForm>
  </Create>
);

createRoot(document.getElementById("root")).render(
  <Admin authProvider={authProvider} dataProvider={dataProvider} requireAuth disableTelemetry>
    <Resource name="keys" list={KeyList} create={KeyCreate} />
  </Admin>,
);
