// Bun's own publish and subscribe: what one client sends goes to all.
const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch: (request, server) => (server.upgrade(request) ? undefined : new Response("a socket only")),
  websocket: {
    open: (socket) => socket.subscribe("all"),
    message: (socket, message) => server.publish("all", message),
  },
});
console.log(`port ${server.port}`);
