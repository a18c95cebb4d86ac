// SPDX-License-Identifier: Apache-2.0

// Package function answers with statistics of every column of a CSV file.
package function

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
)

// Handle reads a CSV file with a header row from in and writes its statistics to out: a table, or JSON with
// ?format=json. The file is read as a stream: only the values of number columns and the distinct values of text columns
// are held.
func Handle(in io.Reader, out io.Writer) error {
	query, err := url.ParseQuery(os.Getenv("Http_Query"))
	if err != nil {
		return fmt.Errorf("bad query: %w", err)
	}
	write := writeTable
	switch format := query.Get("format"); format {
	case "", "table":
	case "json":
		write = writeJSON
	default:
		return fmt.Errorf("unknown format %q; want table or json", format)
	}
	report, err := read(in)
	if err != nil {
		return err
	}
	return write(out, report)
}

func read(in io.Reader) (report, error) {
	reader := csv.NewReader(in)
	reader.ReuseRecord = true
	header, err := reader.Read()
	if errors.Is(err, io.EOF) {
		return report{}, errors.New("bad CSV: the input is empty; line 1 must be a header row")
	}
	if err != nil {
		return report{}, fmt.Errorf("bad CSV: %w", err)
	}
	columns := make([]column, len(header))
	for i, name := range header {
		columns[i].name = strings.TrimSpace(name)
	}
	columns[0].name = strings.TrimPrefix(columns[0].name, "\ufeff") // the byte order mark of spreadsheet programs

	rows := 0
	for {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return summarize(rows, columns), nil
		}
		if err != nil {
			return report{}, fmt.Errorf("bad CSV: %w", err) // names the line
		}
		rows++
		for i, field := range record {
			columns[i].add(strings.TrimSpace(field))
		}
	}
}
