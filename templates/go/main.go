// SPDX-License-Identifier: Apache-2.0

// One request: the body on stdin, the answer of function.Handle on stdout.
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"

	"handler/function"
)

func answer(in io.Reader, out io.Writer) error {
	// Not a call but a choice: the handler has one of these types.
	switch handle := any(function.Handle).(type) {
	case func(io.Reader, io.Writer) error:
		return handle(in, out)
	case func([]byte) (string, error):
		return answerWhole(in, out, handle)
	case func([]byte) string:
		return answerWhole(in, out, func(req []byte) (string, error) { return handle(req), nil })
	default:
		return fmt.Errorf("function.Handle has type %T; want func([]byte) string, func([]byte) (string, error) "+
			"or func(io.Reader, io.Writer) error", handle)
	}
}

func answerWhole(in io.Reader, out io.Writer, handle func([]byte) (string, error)) error {
	req, err := io.ReadAll(in)
	if err != nil {
		return fmt.Errorf("reading the request: %w", err)
	}
	response, err := handle(req)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, response)
	return err
}

func main() {
	out := bufio.NewWriterSize(os.Stdout, 64*1024)
	err := answer(os.Stdin, out)
	if flushed := out.Flush(); err == nil {
		err = flushed
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
