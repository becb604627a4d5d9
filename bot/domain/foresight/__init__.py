"""What will fail next: each attempt's chance of failing, from what had ended before it began. It speaks only where its
own past shows that it is right more often than simpler guesses."""
