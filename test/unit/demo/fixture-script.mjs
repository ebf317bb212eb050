console.log('from a file');
