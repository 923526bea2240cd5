// A Key API that says whatever the test puts into `__api`, in place of the real one.
(() => {
  const send = window.fetch;
  const json = (status, body) => new Response(JSON.stringify(body), {
    status,
    headers: { "Content-Type": "application/json" },
  });
  // No answer comes before the page says that it waits for one, so that the end of the wait can be
  // told from its beginning.
  const busy = () => new Promise((resolve) => {
    const look = () => {
      if (document.querySelector("main [aria-busy=true]")) resolve();
      else setTimeout(look, 1);
    };
    look();
  });
  window.__api = { reads: 0, keys: [], signIn: null, list: null, create: null };
  window.fetch = async (what, ...rest) => {
    const api = window.__api;
    const { pathname } = new URL(what.url ?? what, location);
    const call = `${what.method ?? "GET"} ${pathname}`;
    if (call === "POST /auth/access-token") {
      return api.signIn ? json(400, api.signIn) : json(200, { access_token: "a", expires_at: 0 });
    }
    if (call === "GET /keys/") {
      await busy();
      api.reads += 1;
      return api.list ? json(403, api.list) : json(200, api.keys);
    }
    if (call === "PUT /keys/") {
      return api.create ? json(422, api.create) : json(200, { uuid: "none", api_key: "occ_made" });
    }
    if (call.startsWith("DELETE /keys/")) {
      api.keys = api.keys.filter((key) => !pathname.endsWith(key.uuid));
      return json(200, {});
    }
    if (pathname.endsWith("/usage")) {
      return json(200, {
        completed_requests: 2, successful_requests: 1, failed_requests: 1,
        quota_usage_percentage: 50, requests_per_day: 1,
      });
    }
    return send(what, ...rest);
  };
})();
