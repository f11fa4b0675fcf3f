const { createApp } = require('./app');

const server = createApp().listen(0, '127.0.0.1', () =>
  console.log(`address=http://127.0.0.1:${server.address().port}/`),
);
