// Stands in for the real program.
console.log('ready 12\nbusy 3\nfailed 1\nhandled 48213\noldest_seconds 4.25');
