const port = 3000 + 1;
module.exports = { apps: [{ name: "web", script: "server.js", env: { PORT: port } }] };
