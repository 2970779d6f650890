// node and `ws`: what one client sends goes to all, each send by itself as the library's own
// broadcast example has it.
import { WebSocketServer } from "ws";

const server = new WebSocketServer({ host: "127.0.0.1", port: 0, backlog: 4096 });
server.on("listening", () => console.log(`port ${server.address().port}`));
server.on("connection", (socket) => {
  socket.on("error", () => socket.terminate());
  socket.on("message", (message) => {
    for (const reader of server.clients) reader.send(message, { binary: false });
  });
});
