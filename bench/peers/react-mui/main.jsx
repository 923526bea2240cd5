// React with MUI. The table is windowed by react-virtuoso, as MUI's page on tables shows it under
// "Virtualized table".

import { forwardRef, useCallback, useDeferredValue, useEffect, useMemo, useState } from "react";
import { createRoot } from "react-dom/client";
import { TableVirtuoso } from "react-virtuoso";
import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import Container from "@mui/material/Container";
import CssBaseline from "@mui/material/CssBaseline";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import Paper from "@mui/material/Paper";
import Stack from "@mui/material/Stack";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableContainer from "@mui/material/TableContainer";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import TableSortLabel from "@mui/material/TableSortLabel";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { createKey, isSignedIn, listKeys, revokeKey, signInBy } from "../api.js";
import { COLUMNS, arranged, lastUsed, prepared, sorted, time } from "../list.js";

function SignIn({ onDone }) {
  const [error, setError] = useState("");
  return (
    <Container maxWidth="xs" sx={{ mt: 8 }}>
      <Stack component="form" spacing={2} onSubmit={signInBy(onDone, setError)}>
        <Typography variant="h5" component="h1">
          Sign in
        </Typography>
        <TextField name="username" label="Email" autoComplete="username" required />
        <TextField name="password" label="Password" type="password" required />
        {error && <Alert severity="error">{error}</Alert>}
        <Button type="submit" variant="contained">
          Sign in
        </Button>
      </Stack>
    </Container>
  );
}

const PARTS = {
  Scroller: forwardRef((props, ref) => <TableContainer component={Paper} {...props} ref={ref} />),
  Table: (props) => <Table {...props} size="small" sx={{ tableLayout: "fixed" }} />,
  TableHead: forwardRef((props, ref) => <TableHead {...props} ref={ref} />),
  TableRow,
  TableBody: forwardRef((props, ref) => <TableBody {...props} ref={ref} />),
};

function Keys() {
  const [keys, setKeys] = useState([]);
  const [search, setSearch] = useState("");
  const [sort, setSort] = useState({ by: "created", sign: 1 });
  const [creating, setCreating] = useState(false);
  const [secret, setSecret] = useState("");
  const [meant, setMeant] = useState(null);
  const load = useCallback(async () => setKeys(prepared(await listKeys())), []);
  useEffect(() => {
    load();
  }, [load]);
  const wanted = useDeferredValue(search);
  const view = useMemo(() => arranged(keys, wanted, sort), [keys, wanted, sort]);
  const head = () => (
    <TableRow sx={{ backgroundColor: "background.paper" }}>
      {COLUMNS.map(([by, title]) => (
        <TableCell key={by}>
          <TableSortLabel
            active={sort.by === by}
            direction={sort.by === by && sort.sign < 0 ? "desc" : "asc"}
            onClick={() => setSort((it) => sorted(it, by))}
          >
            {title}
          </TableSortLabel>
        </TableCell>
      ))}
      <TableCell>Actions</TableCell>
    </TableRow>
  );
  const row = (_index, key) => (
    <>
      <TableCell>{key.name}</TableCell>
      <TableCell>{key.api_key}</TableCell>
      <TableCell>{time(key.created)}</TableCell>
      <TableCell>{lastUsed(key)}</TableCell>
      <TableCell>
        <Button size="small" onClick={() => setMeant(key)}>
          Revoke
        </Button>
      </TableCell>
    </>
  );
  const create = async (event) => {
    event.preventDefault();
    setSecret((await createKey(event.target.elements.name.value)).api_key);
    load();
  };
  const revoke = async () => {
    const key = meant;
    setMeant(null);
    await revokeKey(key.uuid);
    setKeys((all) => all.filter((it) => it !== key));
  };
  return (
    <Container sx={{ mt: 3 }}>
      <Typography variant="h5" component="h1">
        API keys
      </Typography>
      <Stack direction="row" spacing={2} sx={{ my: 2, alignItems: "center" }}>
        <TextField
          type="search"
          size="small"
          label="Search"
          onChange={(e) => setSearch(e.target.value)}
        />
        <Typography role="status" sx={{ flex: 1 }}>
          {view.length} keys
        </Typography>
        <Button id="create" variant="contained" onClick={() => setCreating(true)}>
          Create key
        </Button>
      </Stack>
      <div style={{ height: "75vh" }}>
        <TableVirtuoso
          data={view}
          components={PARTS}
          fixedHeaderContent={head}
          itemContent={row}
          computeItemKey={(_index, key) => key.uuid}
        />
      </div>
      <Dialog open={creating} onClose={() => setCreating(false)}>
        <form onSubmit={create}>
          <DialogTitle>Create a key</DialogTitle>
          <DialogContent>
            <TextField name="name" label="Name" autoFocus margin="dense" />
            {secret && <Alert>{secret}</Alert>}
          </DialogContent>
          <DialogActions>
            <Button onClick={() => setCreating(false)}>Cancel</Button>
            <Button type="submit">Create</Button>
          </DialogActions>
        </form>
      </Dialog>
      <Dialog open={meant !== null} onClose={() => setMeant(null)}>
        <DialogTitle>Revoke {meant?.name}?</DialogTitle>
        <DialogActions>
          <Button onClick={() => setMeant(null)}>Cancel</Button>
          <Button color="error" onClick={revoke}>
            Revoke key
          </Button>
        </DialogActions>
      </Dialog>
    </Container>
  );
}

function App() {
  const [inside, setInside] = useState(isSignedIn);
  return (
    <>
      <CssBaseline />
      {inside ? <Keys /> : <SignIn onDone={() => setInside(true)} />}
    </>
  );
}

createRoot(document.getElementById("root")).render(<App />);
